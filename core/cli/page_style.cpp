#include "cli/page_parts.h"

namespace rondom::cli {

const char* const page_style = R"css(
:root { color-scheme: light dark; --paper: #fff; --ground: #f3f4f6; --ink: #1b2330; --soft: #5a6472;
  --line: #d9dde3; --accent: #1f5fa8; --good: #176b3a; --good-ground: #e3f4ea; --bad: #a1252b;
  --bad-ground: #fbe7e8; --note: #7a5200; --note-ground: #fdf2d8; --bar: #4a86c9; }
@media (prefers-color-scheme: dark) { :root { --paper: #1b2027; --ground: #11151a; --ink: #e7ebf0;
  --soft: #a3aebb; --line: #343c47; --accent: #8bbcf5; --good: #86d9a5; --good-ground: #16341f;
  --bad: #ff9da1; --bad-ground: #44191c; --note: #f2cd7d; --note-ground: #3a2d10; --bar: #5b97da; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main, footer { max-width: 68rem; margin: 0 auto; padding: 0 1rem; }
a { color: var(--accent); }
header, section { background: var(--paper); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1.1rem 1.25rem; margin: 1rem 0; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .2rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
h3 { font-size: 1rem; margin: 1.1rem 0 .3rem; }
p { margin: .3rem 0; }
.soft, caption, figcaption, small { color: var(--soft); }
small { font-size: .85rem; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
bdi { overflow-wrap: anywhere; }
.chips { display: flex; flex-wrap: wrap; gap: .4rem; margin: .6rem 0 0; }
.chip { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .88rem;
  border: 1px solid var(--line); overflow-wrap: anywhere; }
.good { color: var(--good); background: var(--good-ground); border-color: currentColor; }
.bad { color: var(--bad); background: var(--bad-ground); border-color: currentColor; }
.note { color: var(--note); background: var(--note-ground); border-color: currentColor; }
.warning { padding: .5rem .8rem; border-radius: .4rem; border-left: .3rem solid; margin: .6rem 0; }
dl.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .8rem;
  margin: 1rem 0 0; }
dl.facts div { border-top: 2px solid var(--line); padding-top: .3rem; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; font-weight: 600; overflow-wrap: anywhere; }
nav { margin: 1rem 0; font-size: .92rem; }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; margin: 0; padding: 0; }
table { width: 100%; border-collapse: collapse; font-size: .93rem; }
caption { text-align: left; padding: .2rem 0 .5rem; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .42rem .7rem .42rem 0;
  border-top: 1px solid var(--line); }
tbody th, td { min-width: 6.5rem; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; font-size: .85rem; }
tbody th { font-weight: 600; }
tr.heading th { padding-top: 1rem; color: var(--accent); }
tr.heading + tr th, tr.heading + tr td { border-top: 0; }
td ul, td p { margin: 0; }
td ul { padding-left: 1.1rem; }
del { color: var(--soft); }
ul.tree, ul.tree ul { list-style: none; margin: 0; padding: 0; }
ul.tree ul { margin-left: .6rem; padding-left: 1.2rem; border-left: 2px solid var(--line); }
ul.tree li { padding: .25rem 0; }
ul.tree ul > li { position: relative; }
ul.tree ul > li::before { content: ""; position: absolute; left: -1.2rem; top: 1.05rem;
  width: .9rem; border-top: 2px solid var(--line); }
ol.timeline { list-style: none; margin: .5rem 0 0; padding: 0; }
ol.timeline li { display: grid; grid-template-columns: 10.5rem 1fr; gap: 0 1rem; padding: .45rem 0;
  border-top: 1px solid var(--line); }
ol.timeline time { color: var(--soft); font-size: .9rem; }
ol.timeline .kind { display: inline-block; width: .7rem; height: .7rem; border-radius: 50%;
  margin-right: .45rem; background: var(--soft); }
ol.timeline .order { background: var(--bar); border-radius: .1rem; }
ol.timeline .consent { background: none; border: 2px solid var(--good); }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(19rem, 1fr));
  gap: 1rem 2rem; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: .9rem; margin-bottom: .3rem; }
svg { display: block; width: 100%; overflow: visible; }
svg text { fill: var(--soft); font-size: 12px; }
svg .bar { fill: var(--bar); }
svg .axis { stroke: var(--line); stroke-width: 1; }
svg .dot { fill: var(--soft); fill-opacity: .75; }
svg .dot.order { fill: var(--bar); }
svg .dot.consent { fill: var(--paper); stroke: var(--good); stroke-width: 2; }
details { margin-top: .2rem; }
summary { cursor: pointer; color: var(--accent); }
footer { padding-bottom: 2rem; font-size: .85rem; color: var(--soft); }
@media (max-width: 46rem) {
  body { font-size: 15px; }
  header, section { padding: .9rem; }
  ol.timeline li { grid-template-columns: 1fr; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, caption, tbody, tr, td, tbody th { display: block; width: 100%; }
  tr { border-top: 1px solid var(--line); padding: .5rem 0; }
  tr.heading { border-top: 0; padding: .6rem 0 0; }
  th, td, tr.heading th { min-width: 0; border: 0; padding: .1rem 0; }
  td:empty { display: none; }
  td[data-label] { display: grid; grid-template-columns: 7.2rem 1fr; gap: .6rem; }
  td[data-label]::before { content: attr(data-label); color: var(--soft); font-size: .85rem; }
  td > div { min-width: 0; }
}
@media print {
  :root { color-scheme: light; --paper: #fff; --ground: #fff; --ink: #000; --soft: #444;
    --line: #bbb; --accent: #000; --good: #0a4a24; --good-ground: #fff; --bad: #8a0f15;
    --bad-ground: #fff; --note: #5c3e00; --note-ground: #fff; --bar: #555; }
  body { font-size: 10.5pt; }
  main, footer { max-width: none; padding: 0; }
  header, section { border: 0; border-radius: 0; border-bottom: 1px solid #bbb; padding: .4rem 0;
    margin: .4rem 0; }
  nav { display: none; }
  tr, li, figure { break-inside: avoid; }
  h2, tr.heading { break-after: avoid; }
  svg * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)css";

}  // namespace rondom::cli
