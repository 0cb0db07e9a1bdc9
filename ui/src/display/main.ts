import { mount } from "svelte";
import "@fontsource-variable/inter/wght.css";
import "../lib/styles/tokens.css";
import "virtual:brands.css";
import "../lib/styles/base.css";
import { displayBackend } from "../lib/tauri";
import App from "./App.svelte";

const target = document.getElementById("app");
if (target) mount(App, { target, props: { backend: displayBackend } });
