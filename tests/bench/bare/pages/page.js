// Marks the same moments as Countersign's own pages do.
requestAnimationFrame(() => performance.mark("interactive"));

document.getElementById("tap").addEventListener("click", async () => {
  document.getElementById("answer").textContent = await window.__TAURI__.core.invoke("echo", { text: "answer" });
  document.querySelector("main").dataset.screen = "answered";
});
