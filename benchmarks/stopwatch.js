// The page's own clock: when figures are there, how far the chart moves, and from a key to the redrawn page.
// Everything is looked at once per frame, and markup is compared only after it has changed.
window.stopwatch = (() => {
  const chart = () => document.querySelector('.st-key-tradeoff .js-plotly-plot');
  const marks = () => document.querySelector('.st-key-tradeoff .scatterlayer')?.innerHTML;
  const tiles = () => document.querySelector('.st-key-tiles')?.textContent;
  const recorded = () => document.querySelector('.st-key-tiles .kp-badge.recorded');
  const seen = {}; // milliseconds since the navigation began, by what was seen first
  let tops = [], shifted = 0, dirty = true, move = null, tell;
  const measured = new Promise(resolve => { tell = resolve; });

  new PerformanceObserver(list => list.getEntries().forEach(entry => { shifted += entry.value; }))
    .observe({type: 'layout-shift', buffered: true});

  const noted = now => {
    if (!document.querySelector('.st-key-tiles .kp-tile')) return;
    seen.figures_ms ??= Math.round(now);
    if (recorded() || !marks()) return;
    seen.measured_figures_ms ??= Math.round(now);
    tell();
  };

  const redrawn = () => location.href !== move.href && !document.querySelector('[data-stale=true]')
    && tiles() !== move.tiles && marks() && marks() !== move.marks;

  const look = now => {
    const place = chart()?.getBoundingClientRect();
    if (place?.height) tops.push(place.top); // one that is being made anew has no height for a frame
    if (dirty) {
      dirty = false;
      if (!seen.measured_figures_ms) noted(now);
      if (move?.began && redrawn()) {
        move.resolve({ms: now - move.began});
        move = null;
      }
    }
    requestAnimationFrame(look);
  };

  const changed = () => { dirty = true; };
  new MutationObserver(changed).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
  document.addEventListener('keydown', event => { if (move && !move.began) move.began = event.timeStamp; }, true);
  requestAnimationFrame(look);

  return {
    measured,
    hold: () => { tops = []; },
    shift: () => tops.length ? Math.round(Math.max(...tops) - Math.min(...tops)) : null,
    load: () => ({...seen, chart_shift_px: stopwatch.shift(), cumulative_layout_shift: Math.round(1e3 * shifted) / 1e3}),
    arm: () => {
      move = {href: location.href, tiles: tiles(), marks: marks()};
      move.redrawn = new Promise(resolve => { move.resolve = resolve; });
      stopwatch.running = move.redrawn;
    },
    move: patience => Promise.race([stopwatch.running, new Promise((_, reject) => setTimeout(
      () => reject(new Error(`not redrawn in ${patience} ms`)), patience))]),
  };
})();
