/** A single page to try the server. It needs no build step and loads no external scripts or fonts. */
export const page = /* html */ `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Cogumi</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --ink: light-dark(#1d2433, #e6e9f0); --dim: light-dark(#667085, #98a2b3);
    --paper: light-dark(#f6f4ef, #14171f); --card: light-dark(#fff, #1c212c); --line: light-dark(#e4e0d6, #2c3342);
    --mark: light-dark(#0f766e, #5eead4); }
  * { box-sizing: border-box }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif }
  main { max-width: 46rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem }
  h1 { font-size: 1.6rem; margin: 0; letter-spacing: -.02em } h1 b { color: var(--mark) }
  .lead { color: var(--dim); margin: .25rem 0 1.75rem } code, pre, .digest { font-family: ui-monospace, monospace; font-size: .82rem }
  section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.1rem 1.25rem; margin-bottom: 1rem }
  h2 { font-size: .78rem; text-transform: uppercase; letter-spacing: .08em; color: var(--dim); margin: 0 0 .7rem }
  form { display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: .6rem }
  textarea, select, button { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
    border-radius: 10px; padding: .6rem .75rem }
  textarea { grid-column: 1 / -1; resize: vertical; min-height: 4.5rem; width: 100% }
  button { background: var(--mark); color: var(--paper); border: 0; font-weight: 600; padding-inline: 1.2rem; cursor: pointer; white-space: nowrap }
  button.plain { background: none; color: var(--dim); border: 1px solid var(--line); font-weight: 400; padding-inline: .9rem } button:disabled { opacity: .5; cursor: default }
  :focus-visible { outline: 2px solid var(--mark); outline-offset: 2px }
  .asked, .answer { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }
  .asked { background: var(--paper); border-radius: 10px; padding: .5rem .75rem; margin-bottom: .6rem }
  .answer { min-height: 1.5rem } .answer.failed { color: light-dark(#b42318, #fda29b) }
  .route { color: var(--dim); font-size: .85rem; min-height: 1.3rem; margin: .3rem 0 1.4rem }
  ul { list-style: none; margin: 0; padding: 0 } li { display: flex; gap: .75rem; justify-content: space-between; padding: .2rem 0; flex-wrap: wrap }
  li span { color: var(--dim); font-size: .88rem }
  pre { margin: 0; overflow-x: auto; padding: .2rem 0 } .digest { color: var(--dim); overflow-wrap: anywhere }
</style>
<main>
  <h1><b>cogumi</b> <span id="name"></span></h1>
  <p class="lead">One small model and its modifiers, served from this machine with an OpenAI-compatible API.</p>
  <section>
    <h2>Chat</h2>
    <div id="turns" aria-live="polite"></div>
    <form id="ask">
      <textarea id="question" aria-label="Question" placeholder="Type a question" autofocus></textarea>
      <select id="model" aria-label="Model"></select>
      <button id="new" type="button" class="plain" disabled>New chat</button>
      <button id="send">Ask</button>
    </form>
  </section>
  <section><h2>Models</h2><ul id="models"></ul></section>
  <section><h2>From a program</h2><pre id="curl"></pre></section>
  <p class="digest" id="digest"></p>
</main>
<script type="module">
  const at = (id) => document.getElementById(id);
  /** If the server requires a key, prompts for it until it is right. The key is kept until the tab is closed. */
  async function call(path, init = {}) {
    for (;;) {
      const key = sessionStorage.getItem('key');
      const reply = await fetch(path, { ...init, headers: { ...init.headers, ...(key ? { authorization: 'Bearer ' + key } : {}) } });
      if (reply.status !== 401) return reply;
      const given = prompt((await reply.json()).error.message);
      if (!given) throw new Error('This server requires an API key.');
      sessionStorage.setItem('key', given.trim());
    }
  }
  const [{ data }, health] = await Promise.all(['/v1/models', '/health'].map((path) => call(path).then((reply) => reply.json())))
    .catch((error) => { addTurn('').answer.replaceChildren(error.message); throw error; });
  at('name').textContent = health.bundle;
  at('digest').textContent = health.digest ?? 'a model file without a bundle';
  for (const { id, parent } of data) {
    const route = id.slice((parent ?? '').length + 1);
    const what = parent === null ? 'the router picks the base or a modifier for each question' : route === 'base' ? 'the base without a modifier' : 'modifier ' + route;
    at('model').add(new Option(id, id));
    const item = document.createElement('li');
    item.append(Object.assign(document.createElement('code'), { textContent: id }), Object.assign(document.createElement('span'), { textContent: what }));
    at('models').append(item);
  }
  at('curl').textContent = "curl " + location.origin + "/v1/chat/completions \\\\\\n  -H 'content-type: application/json' \\\\\\n  -d '" +
    JSON.stringify({ model: health.bundle, messages: [{ role: 'user', content: 'Hello' }] }) + "'";

  /** Turns so far, as the API takes them. A message that continues them is routed and answered with them. */
  let messages = [];
  let running = null;

  /** Adds the places of one question and its answer to the page. */
  function addTurn(asked) {
    const place = (className, text) => Object.assign(document.createElement('p'), { className, textContent: text });
    const turn = { asked: place('asked', asked), answer: place('answer', ''), route: place('route', ''), said: '' };
    turn.asked.hidden = asked === '';
    at('turns').append(turn.asked, turn.answer, turn.route);
    return turn;
  }

  at('new').addEventListener('click', () => {
    running?.abort();
    messages = [];
    at('turns').replaceChildren();
    at('new').disabled = true;
    at('question').focus();
  });
  at('ask').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (running) return running.abort();
    const content = at('question').value.trim();
    if (!content) return at('question').focus();
    const mine = (running = new AbortController());
    at('send').textContent = 'Stop';
    at('new').disabled = false;
    at('question').value = '';
    const turn = addTurn(content);
    const kept = messages;
    try {
      await ask(at('model').value, content, turn, mine.signal);
    } catch (error) {
      if (error.name !== 'AbortError') {
        turn.answer.classList.add('failed');
        turn.answer.textContent += error.message;
        // The question can be sent again.
        if (!at('question').value) at('question').value = content;
      }
    }
    // What was stopped stays in the conversation, what failed and what a new one replaced does not.
    if (kept === messages && turn.said && !turn.answer.classList.contains('failed'))
      messages = [...(turn.kept ?? kept), { role: 'user', content }, { role: 'assistant', content: turn.said }];
    running = null;
    at('send').textContent = 'Ask';
  });
  at('question').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); at('ask').requestSubmit(); }
  });

  async function ask(model, content, turn, signal) {
    let reply;
    for (turn.kept = messages; ; turn.kept = turn.kept.slice(2)) {
      const body = JSON.stringify({ model, stream: true, messages: [...turn.kept, { role: 'user', content }] });
      reply = await call('/v1/chat/completions', { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
      if (reply.ok) break;
      const { error } = await reply.json();
      // Where the context is full, the oldest question goes with its answer.
      if (error.code !== 'context_length_exceeded' || turn.kept.length === 0) throw new Error(error.message);
    }
    const forgotten = messages.length - turn.kept.length;
    const header = (name) => reply.headers.get('x-cogumi-' + name);
    const why = { chosen: 'chosen by you', 'no-router': 'the bundle has no router', perplexity: 'perplexity above the bound',
      'follow-up': 'a follow-up, by the route of its question' }[header('reason')];
    const sure = header('confidence') && header('reason') !== 'perplexity' ? 'the router is ' + Math.round(header('confidence') * 100) + '% sure of the route, not of the answer' : null;
    turn.route.textContent = ['answered by ' + header('route'), why, sure].filter(Boolean).join(' · ') +
      (header('perplexity') ? ' · perplexity ' + header('perplexity') : '') +
      (forgotten ? ' · the context is full: the oldest ' + forgotten + ' messages were left out' : '');
    let rest = '';
    for await (const text of reply.body.pipeThrough(new TextDecoderStream())) {
      const events = (rest + text).split('\\n\\n');
      rest = events.pop();
      for (const event of events) {
        const data = event.replace(/^data: /, '');
        if (data === '[DONE]') continue;
        const { choices, error } = JSON.parse(data);
        if (error) throw new Error(error.message);
        turn.said += choices[0]?.delta.content ?? '';
        turn.answer.textContent = turn.said;
      }
    }
    if (!turn.said) turn.answer.textContent = '(an empty answer)';
  }
</script>
</html>
`;
