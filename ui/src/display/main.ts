import { mount } from "svelte";
import "../lib/styles/all";
import { displayBackend } from "../lib/tauri";
import App from "./App.svelte";

const target = document.getElementById("app");
if (target) mount(App, { target, props: { backend: displayBackend } });
