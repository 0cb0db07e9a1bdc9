// Marks the same moment in the same way as Countersign's own page does: ui/src/lib/painted.ts.
requestAnimationFrame(() => setTimeout(() => performance.mark("interactive")));

document.getElementById("tap").addEventListener("click", async () => {
  document.getElementById("answer").textContent = await window.__TAURI__.core.invoke("echo", { text: "answer" });
  document.querySelector("main").dataset.screen = "answered";
});
