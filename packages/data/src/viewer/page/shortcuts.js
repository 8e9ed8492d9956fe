import { go, here } from './address.js';
import { VIEWS } from './row-view.js';

/** Handles the keyboard shortcuts; while a field is in use, only Escape. */
export function onKeys() {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest?.('input, select, textarea') !== null;
    if (event.key === 'Escape') return goBack(event.target, typing);
    if (typing) return;
    const act = ACTIONS[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}

const ACTIONS = {
  j: () => move(1),
  k: () => move(-1),
  ArrowDown: () => move(1),
  ArrowUp: () => move(-1),
  '/': () => document.getElementById('search')?.focus(),
  '[': () => document.getElementById('previous')?.click(),
  ']': () => document.getElementById('next')?.click(),
  ...Object.fromEntries(VIEWS.map(([view], at) => [String(at + 1), () => openView(view)])),
};

function goBack(target, typing) {
  if (typing) target.blur();
  else if (here().line !== undefined) closeRow();
}

function closeRow() {
  const { line } = here();
  go({ line: '', view: '' });
  document.querySelector(`[data-line="${CSS.escape(line)}"]`)?.focus();
}

/** Moves to another row; if one is open, opens the other one instead. */
function move(by) {
  const rows = [...document.querySelectorAll('#list .row')];
  const current = rows.findIndex(
    (row) => row === document.activeElement || (here().line !== undefined && row.dataset.line === here().line),
  );
  const row = rows[Math.min(rows.length - 1, Math.max(0, current + by))];
  if (!row) return;
  row.focus();
  row.scrollIntoView({ block: 'nearest' });
  if (here().line !== undefined && row.dataset.line !== undefined) go({ line: row.dataset.line }, { replace: true });
}

function openView(view) {
  const known = view !== 'canonical' || document.querySelector('#row [role=tab]:nth-child(3)');
  if (here().line !== undefined && known) go({ view }, { replace: true });
}
