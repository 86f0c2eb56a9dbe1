/* The search of the archive: looks through its parts, the newest first, and shows what it finds as it finds it.
   Every word must occur; case, width, accents and the two ways of writing Chinese make no difference.
   What is found is put into the page as text, never as markup. */
"use strict";

(() => {
  const form = document.querySelector("form.search");
  const input = document.getElementById("q");
  const state = document.getElementById("state");
  const results = document.getElementById("results");
  const MOST = 100;
  const AT_ONCE = 4;
  let spellings = null;
  let turn = 0;

  const get = async (name) => {
    const answer = await fetch(name);
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer.json();
  };

  const wording = (name, values = {}) =>
    form.dataset[name].replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);

  const fold = (text) => {
    const plain = text.normalize("NFKC").toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "").normalize("NFC");
    return spellings && /[\u3400-\u9fff]/.test(plain)
      ? Array.from(plain, (character) => spellings.get(character) ?? character).join("")
      : plain;
  };

  const readSpellings = async () => {
    const { these, those } = await get("spellings.json");
    const simple = Array.from(those);
    spellings = new Map(Array.from(these, (character, at) => [character, simple[at]]));
  };

  const named = (columns, row) => Object.fromEntries(columns.map((name, at) => [name, row[at]]));

  const has = (story, words) => {
    const text = fold([story.title, story.brief, story.kicker, story.source].join("\n"));
    return words.every((word) => text.includes(word));
  };

  const element = (name, text, language) => {
    const made = document.createElement(name);
    made.textContent = text;
    if (language) made.lang = language;
    if (language) made.dir = "auto";
    return made;
  };

  const show = (story) => {
    const line = document.createElement("li");
    const link = element("a", story.title, story.language);
    link.href = `${form.dataset.stories}${encodeURIComponent(story.id)}.html`;
    const about = element("span", "", "");
    about.className = "count";
    const when = element("time", story.date.slice(0, 10), "");
    when.dateTime = story.date;
    about.append(element("bdi", story.source, ""), form.dataset.comma, when);
    line.append(link, " ", about);
    if (story.brief) {
      const brief = element("p", story.brief, story.brief_language);
      brief.className = "summary";
      line.append(brief);
    }
    results.append(line);
  };

  const finish = (found) => {
    if (found > MOST) state.textContent = wording("most", { count: MOST });
    else if (found === 1) state.textContent = wording("one");
    else state.textContent = found ? wording("many", { count: found }) : wording("none");
  };

  /* A later search ends an earlier one. */
  const look = async (words, mine) => {
    const { parts } = await get("parts.json");
    const total = parts.reduce((sum, part) => sum + part[1], 0);
    let read = 0;
    let found = 0;
    for (let at = 0; at < parts.length && found <= MOST; at += AT_ONCE) {
      const some = parts.slice(at, at + AT_ONCE);
      const answers = await Promise.all(some.map(([name]) => get(name)));
      if (mine !== turn) return;
      for (const { columns, stories } of answers) {
        for (const row of stories) {
          const story = named(columns, row);
          if (!has(story, words)) continue;
          found += 1;
          if (found <= MOST) show(story);
        }
        read += stories.length;
      }
      state.textContent = wording("searching", { count: read, total });
    }
    finish(found);
  };

  const search = async () => {
    turn += 1;
    const mine = turn;
    results.replaceChildren();
    state.textContent = "";
    if (!input.value.trim()) return;
    try {
      if (!spellings && /[\u3400-\u9fff]/.test(input.value)) await readSpellings();
      await look(fold(input.value).split(/\s+/).filter(Boolean), mine);
    } catch {
      if (mine === turn) state.textContent = wording("fails");
    }
  };

  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const address = new URL(location.href);
    address.searchParams.set("q", input.value);
    try {
      history.replaceState(null, "", address);
    } catch {
      /* A page that was opened from disk has no history to write. */
    }
    search();
  });
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  search();
})();
