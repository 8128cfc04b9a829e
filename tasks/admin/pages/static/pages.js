// Loads the page anew when what it shows has changed, unless somebody types.
(() => {
  const { watch, stamp } = document.body.dataset;
  if (!watch) return;
  let typed = false;
  document.addEventListener("input", () => { typed = true; });
  setInterval(async () => {
    if (document.hidden || typed) return;
    try {
      const answer = await fetch(watch, { cache: "no-store" });
      if (answer.ok && (await answer.text()) !== stamp && !typed) location.reload();
    } catch { /* The worker is away; it may come back. */ }
  }, 1000);
})();
