// The search of the book, behind the search box of Material for MkDocs.
//
// Material starts this file as a worker, and from a local folder as a hidden iframe (iframe-worker.js). They exchange
// the messages of Material's own worker, which this file replaces. The protocol is that of mkdocs-material 9.7 and 9.8
// (src/templates/assets/javascripts/integrations/search/worker/message):
//
//   SETUP   to the worker, once: {config, docs, options}. `docs` has one record, with the version of the index and the
//           first word of each of its files.
//   READY   from the worker: queries may begin.
//   QUERY   to the worker, at every key: the text of the box.
//   RESULT  from the worker: {items, suggest}. One for a query: another one would redraw the list, and drop the focus.
//
// MaterialX 10.2 with `provider: lunr` numbers its messages, expects the number in the answer, and sends {query}.
//
// The index is in ../../search/ and is written by generator/pages/search_index.py: names.js with one row for each page,
// and words-N.js with the words of all texts. They are scripts because a local folder allows nothing else.
(function () {
  "use strict";

  const SETUP = 0, READY = 1, QUERY = 2, RESULT = 3;
  const LOCATION = 0, TITLE = 1, LABELS = 2, SUMMARY = 3, WEIGHT = 4;
  const NAME_SEPARATOR = " \u00b7 ";  // escaped, since a page from a local folder may choose another encoding
  const MOST_TOKENS = 20;
  const MOST_PAGES = 500;
  const MOST_MARKED = 60;
  const FEW_RESULTS = 3;
  const CARD_WEIGHT = 1;  // the least weight of a card; pages of the author have less

  const folder = new URL("../../search/", self.document ? document.currentScript.src : self.location.href);
  let version = "";
  let newerVersion = "";
  let starts = [];
  let names = null;
  let chunks = new Map();
  let loading = Promise.resolve();
  let latest = 0;

  // ---- Words, cut as in generator/pages/search_words.py

  const CJK = /([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{3ffff}]+)/u;

  function normalize(text) {
    return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase().normalize("NFC")
      .replace(/\u03c2/g, "\u03c3").replace(/['\u2019\u02bc]/g, "").replace(/[^\p{L}\p{N}\p{M}._@+-]+/gu, " ");
  }

  // Return the parts of a text without spaces: {words, identifier}.
  function cutTokens(text) {
    const tokens = [];
    for (const part of normalize(text).split(" ")) {
      const identifier = part.replace(/^[._@+-]+|[._@+-]+$/g, "");
      const pieces = identifier.split(/[._@+-]+/).filter(Boolean);
      const words = pieces.flatMap(cutCjk);
      if (words.length) tokens.push({ words, identifier: pieces.length > 1 ? identifier : "" });
    }
    return tokens;
  }

  // Cut a text into words. The short way for ASCII counts: a large book has 30,000 names.
  function cutWords(text) {
    if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase().replace(/'/g, "").match(/[a-z0-9]+/g) || [];
    return cutTokens(text).flatMap(({ words }) => words);
  }

  function cutCjk(piece) {
    return piece.split(CJK).flatMap((run, index) => {
      if (index % 2 === 0) return run ? [run] : [];
      const characters = Array.from(run);
      return characters.map((character, start) => characters.slice(start, start + 2).join(""));
    });
  }

  // ---- The index

  // The files call these two functions. Words of another version belong to an index that was published since.
  self.modelbookSearch = {
    addNames(from, rows, firstWords) {
      version = from;
      starts = firstWords;
      chunks = new Map();
      // Every word of a name, and every name without its spaces, each with its row: arrays of numbers and strings are
      // built several times faster than a map of arrays.
      names = { rows, words: { texts: [], rows: [] }, joined: { texts: [], rows: [] }, labels: new Map() };
      rows.forEach((row, number) => {
        for (const name of row[TITLE].split(NAME_SEPARATOR)) {
          const words = cutWords(name);
          words.forEach((word) => add(names.words, word, number));
          add(names.joined, words.join(""), number);
        }
        for (const label of row[LABELS]) {
          if (!names.labels.has(label)) names.labels.set(label, []);
          names.labels.get(label).push(number);
        }
      });
    },
    addWords(from, number, lines) {
      if (from === version) chunks.set(number, lines.split("\n"));
      else newerVersion = from;
    }
  };

  function add(list, text, number) {
    list.texts.push(text);
    list.rows.push(number);
  }

  // Load the files that a query needs, one query after another. After a failure, the next query tries again.
  function loadMissing(query, number) {
    loading = loading.then(async () => {
      const missing = listMissing(query);
      if (number !== latest || !missing.length) return;
      const addresses = missing.map((name) => `${new URL(name, folder)}?v=${version}`);
      try {
        await importScripts(...addresses);  // in the iframe, this is a promise
      } catch (error) {
        console.error(`The search index cannot be loaded: ${error}`);
      }
    });
    return loading;
  }

  function listMissing({ words, identifiers }) {
    const needed = [...words, ...identifiers.map(({ identifier }) => identifier)].flatMap(findChunks);
    const missing = [...new Set(needed)].filter((number) => !chunks.has(number)).map((number) => `words-${number}.js`);
    return names ? missing : ["names.js", ...missing];
  }

  // Return the numbers of the files with words that begin with a text.
  function findChunks(word) {
    const end = isPrefix(word) ? `${word}\uffff` : word;
    return starts.flatMap((start, number) => {
      const next = starts[number + 1];
      return start <= end && (next === undefined || next > word) ? [number] : [];
    });
  }

  // In texts, one or two letters match only whole words: too many words begin with them.
  function isPrefix(word) {
    return word.length > 2 || CJK.test(word);
  }

  // Decode the rows of a line of words-N.js; see encode_rows in search_index.py.
  function decodeRows(text, start) {
    const rows = [];
    let row = -1, high = 0;
    for (let i = start; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code >= 97) {
        high = high * 28 + code - 97;
      } else {
        row += high * 56 + code - 35 + 1;
        rows.push(row);
        high = 0;
      }
    }
    return rows;
  }

  // ---- Matches: for each word of a query, a map from the number of a row to {points, word}

  function keepBest(matches, row, points, word) {
    const known = matches.get(row);
    if (!known || known.points < points) matches.set(row, { points, word });
  }

  function matchNames(word, matches) {
    const { texts, rows } = names.words;
    texts.forEach((name, i) => {
      if (!name.startsWith(word)) return;
      keepBest(matches, rows[i], name === word ? 10 : 5 + 3 * word.length / name.length, name);
    });
    for (const [label, labelled] of names.labels) {
      const part = cutWords(label).find((one) => one === word || (isPrefix(word) && one.startsWith(word)));
      if (part) labelled.forEach((row) => keepBest(matches, row, part === word ? 4 : 2, part));
    }
  }

  function matchTexts(word, matches) {
    for (const number of findChunks(word)) {
      for (const line of chunks.get(number) || []) {
        if (!line.startsWith(word)) continue;
        const end = line.indexOf(" ");
        const isWhole = end === word.length;
        if (!isWhole && !isPrefix(word)) continue;
        const found = line.slice(0, end);
        for (const row of decodeRows(line, end + 1)) keepBest(matches, row, isWhole ? 1 : 0.5, found);
      }
    }
  }

  function matchTypos(word, matches) {
    for (const { name, row, edits } of findSimilar(names.words, word)) {
      keepBest(matches, row, Math.max(0.3, 5 - 20 * edits / word.length), name);
    }
  }

  // Find the texts of a list that a few edits make from a word.
  function findSimilar(list, word) {
    const most = word.length < 2 ? 0 : word.length < 5 ? 1 : 2;
    if (!most) return [];
    const letters = findLetters(word);
    list.letters = list.letters || list.texts.map(findLetters);
    return list.texts.flatMap((name, i) => {
      if (countBits(letters & ~list.letters[i]) > most) return [];
      const edits = countEdits(word, name, most);
      return edits <= most ? [{ name, row: list.rows[i], edits }] : [];
    });
  }

  // Return the set of letters of a word as bits. An edit adds one letter to it at most, so most names need no more than
  // this comparison.
  function findLetters(word) {
    let letters = 0;
    for (let i = 0; i < word.length; i += 1) letters |= 1 << (word.charCodeAt(i) & 31);
    return letters;
  }

  function countBits(bits) {
    let count = 0;
    for (let rest = bits; rest; rest &= rest - 1) count += 1;
    return count;
  }

  // Count the letters to insert, remove, replace or swap with a neighbour to get from one word to another, or to its
  // beginning, which costs a little more. Return more than `most` as soon as it is known to be more.
  function countEdits(typed, name, most) {
    const width = typed.length;
    const height = Math.min(name.length, width + most);
    if (height < width - most) return most + 1;
    let [before, last, row] = [[], [], []];
    for (let j = 0; j <= width; j += 1) last[j] = j;
    let best = Infinity;
    for (let i = 1; i <= height; i += 1) {
      row[0] = i;
      let least = i;
      for (let j = 1; j <= width; j += 1) {
        let edits = last[j - 1] + (name[i - 1] === typed[j - 1] ? 0 : 1);
        if (row[j - 1] < edits) edits = row[j - 1] + 1;
        if (last[j] < edits) edits = last[j] + 1;
        if (i > 1 && j > 1 && name[i - 1] === typed[j - 2] && name[i - 2] === typed[j - 1] && before[j - 2] < edits) {
          edits = before[j - 2] + 1;
        }
        row[j] = edits;
        if (edits < least) least = edits;
      }
      if (i === name.length) best = Math.min(best, row[width]);
      else if (width > 4) best = Math.min(best, row[width] + 0.5);
      if (least > most) break;
      [before, last, row] = [last, row, before];
    }
    return best;
  }

  // ---- Ranking

  function search(query) {
    const { words, identifiers } = query;
    const matches = words.map((word) => {
      const found = new Map();
      matchNames(word, found);
      matchTexts(word, found);
      return found;
    });
    // An identifier that is typed in part, such as `carousels.ya`, has words that match nothing alone.
    const whole = identifiers.map(({ identifier, first, count }) => {
      const found = new Map();
      matchTexts(identifier, found);
      for (let i = first; i < first + count; i += 1) {
        found.forEach((_, row) => keepBest(matches[i], row, 0.5, words[i]));
      }
      return found;
    });
    let hits = intersect(matches);
    const { texts, rows } = names.joined;
    const exact = new Set(rows.filter((_, i) => texts[i] === query.joined));
    if (!exact.size && countNamed(hits, words.length) < FEW_RESULTS) {
      words.forEach((word, index) => matchTypos(word, matches[index]));
      hits = intersect(matches);
      addJoined(query, hits);
      addSimilarNames(query, hits);
    }
    if (!hits.size && !exact.size) hits = matchSome(matches);
    addNamed(words, matches, hits);
    for (const row of exact) raise(hits, row, 0, words);
    texts.forEach((name, i) => {
      const isBeginning = hits.has(rows[i]) && name.startsWith(query.joined);
      if (isBeginning) raise(hits, rows[i], 8 * query.joined.length / name.length);
    });
    whole.forEach((found) => found.forEach(({ points }, row) => {
      if (hits.has(row)) raise(hits, row, 20 * points);
    }));
    for (const [row, hit] of hits) {
      const weight = names.rows[row][WEIGHT];
      hit.score *= weight;
      // Rules have almost no weight, but `MB203` finds its rule before the cards that mention it.
      if (exact.has(row)) hit.score += 100 * Math.max(weight, 0.15);
    }
    return hits;
  }

  // Return the rows that match every word: a map from the number of a row to {score, words}, the words as found.
  function intersect(matches) {
    const hits = new Map();
    const [smallest] = [...matches].sort((a, b) => a.size - b.size);
    for (const row of smallest.keys()) {
      if (!matches.every((found) => found.has(row))) continue;
      const found = matches.map((map) => map.get(row));
      const score = found.reduce((sum, { points }) => sum + points, 0);
      hits.set(row, { score, words: found.map(({ word }) => word) });
    }
    return hits;
  }

  // Return the rows that match most of the words; the others are `undefined`, which Material shows as missing.
  function matchSome(matches) {
    const hits = new Map();
    let most = 1;
    for (const row of new Set(matches.flatMap((found) => [...found.keys()]))) {
      const found = matches.map((map) => map.get(row));
      const count = found.filter(Boolean).length;
      if (count < most) continue;
      if (count > most) hits.clear();
      most = count;
      const score = found.reduce((sum, match) => sum + (match ? match.points : 0), 0);
      hits.set(row, { score, words: found.map((match) => match && match.word) });
    }
    return hits;
  }

  // Add the cards whose whole name is a part of the query, also if their texts lack the other words: `switch off ryl`.
  // They need the words that are labels: `flow ryl` asks for a flow.
  function addNamed(words, matches, hits) {
    const parts = new Set(words.flatMap((_, first) =>
      words.slice(first).map((_, count) => words.slice(first, first + count + 1).join(""))));
    const labels = new Set([...names.labels.keys()].flatMap(cutWords));
    const { texts, rows } = names.joined;
    texts.forEach((name, i) => {
      const row = rows[i];
      if (!parts.has(name) || hits.has(row) || names.rows[row][WEIGHT] < CARD_WEIGHT) return;
      const found = matches.map((map) => map.get(row));
      if (found.some((match, index) => !match && labels.has(words[index]))) return;
      const score = found.reduce((sum, match) => sum + (match ? match.points : 0), 0);
      hits.set(row, { score, words: found.map((match) => match && match.word) });
    });
  }

  // Count the rows whose names have every word as it was typed.
  function countNamed(hits, count) {
    let named = 0;
    hits.forEach(({ score }) => { if (score >= 10 * count) named += 1; });
    return named;
  }

  // Add the rows with a word that was typed as several, such as `cou pon`.
  function addJoined({ joined, words }, hits) {
    const found = new Map();
    if (words.length > 1 && joined.length > 3) matchNames(joined, found);
    found.forEach(({ points, word }, row) => {
      if (!hits.has(row)) hits.set(row, { score: points, words: [word] });
    });
  }

  // Add the rows with a name that is almost the query, also if a space is missing or a short word is wrong.
  function addSimilarNames({ joined }, hits) {
    for (const { name, row, edits } of findSimilar(names.joined, joined)) {
      if (hits.has(row) && name.startsWith(joined)) continue;  // is counted as a beginning
      const words = cutWords(names.rows[row][TITLE].split(NAME_SEPARATOR)[0]);
      raise(hits, row, Math.max(0.3, 10 - 40 * edits / joined.length), words);
    }
  }

  function raise(hits, row, points, words) {
    const hit = hits.get(row) || { score: 0, words };
    hits.set(row, { score: hit.score + points, words: hit.words });
  }

  // ---- Results, as Material draws them

  // Return the items: for each page an array with the page and the sections that match, the best first.
  function renderItems(hits, query) {
    const rows = names.rows;
    const ranked = [...hits].map(([row, { score, words }]) => ({ row, score, words }))
      .sort((a, b) => b.score - a.score || compareRows(a.row, b.row));
    const pages = new Map();
    for (const hit of ranked) {
      let page = hit.row;
      while (rows[page][LOCATION].includes("#")) page -= 1;  // the page stands before its sections
      if (!pages.has(page)) {
        if (pages.size === MOST_PAGES) continue;
        pages.set(page, []);
      }
      pages.get(page).push(hit);
    }
    return [...pages].map(([page, found], number) => {
      const items = found.map((hit) => renderItem(hit, query, number < MOST_MARKED));
      // Material needs the page among the items, and takes it from any place.
      const hasPage = found.some(({ row }) => row === page);
      return hasPage ? items : [...items, renderItem({ row: page, score: 0, words: [] }, query, false)];
    });
  }

  // Compare rows with the same score as the site lists their pages. The rows of the cards of a kind are in the order of
  // their ids, so that a card with a new name keeps its number: these are compared by name.
  function compareRows(one, other) {
    const [first, second] = [names.rows[one], names.rows[other]];
    const areCards = first[WEIGHT] >= CARD_WEIGHT && second[WEIGHT] >= CARD_WEIGHT;
    if (areCards && first[LABELS][0] === second[LABELS][0]) {
      const [title, otherTitle] = [first[TITLE].toLowerCase(), second[TITLE].toLowerCase()];
      if (title !== otherTitle) return title < otherTitle ? -1 : 1;
    }
    return one - other;
  }

  function renderItem({ row, score, words }, query, isMarked) {
    const [location, title, labels, summary] = names.rows[row];
    // A word as it was typed, or as it was found if it was typed with a mistake.
    const terms = words.map((word, index) => {
      const typed = query.words[index];
      return word && typed && word.startsWith(typed) ? typed : word;
    });
    const spelled = new Map();
    const mark = (text) => isMarked ? markTerms(text, terms.filter(Boolean), spelled) : escapeHtml(text);
    const markedTitle = mark(title);
    let text = mark(summary);
    // The index has no texts, so words in them stand alone.
    const inText = words.filter((word, index) => word && !spelled.has(terms[index]));
    if (isMarked && inText.length) {
      text = `${text.replace(/ ?\u2026$/, "")} \u2026 ${[...new Set(inText)].map((word) => `<mark>${escapeHtml(word)}</mark>`).join(" ")}`;
    }
    // `true` marks the word on the page that the item links to, `false` lists it as missing.
    const used = {};
    terms.forEach((term, index) => {
      if (term) used[spelled.get(term) || term] = true;
      else used[query.words[index]] = false;
    });
    return { location, title: markedTitle, text, tags: labels.map(escapeHtml), score, terms: used };
  }

  // Mark the words that begin with one of the terms, and note how they are spelled.
  function markTerms(text, terms, spelled) {
    return text.split(/([\p{L}\p{N}\p{M}'\u2019]+)/u).map((piece, index) => {
      const word = index % 2 ? normalize(piece) : "";
      const term = word && terms.find((one) => word.startsWith(one) || (CJK.test(one) && word.includes(one)));
      if (!term) return escapeHtml(piece);
      const start = piece.slice(0, term.length);
      if (!spelled.has(term)) spelled.set(term, normalize(start) === term ? start : piece);
      return `<mark>${escapeHtml(piece)}</mark>`;
    }).join("");
  }

  // Escape text between tags. MaterialX would show the entity of an apostrophe.
  function escapeHtml(text) {
    const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" };
    return text.replace(/[&<>"]/g, (character) => entities[character]);
  }

  // Complete the last word of the query with a name of the best result.
  function suggest(items, query, text) {
    const typed = text.split(/[\s-]/).pop();
    const last = query.words[query.words.length - 1];
    if (!items.length || normalize(typed) !== last) return [];
    const best = names.rows.find((row) => row[LOCATION] === items[0][0].location);
    const word = cutWords(best[TITLE]).find((name) => name.startsWith(last));
    return word ? [typed + word.slice(last.length)] : [];
  }

  // ---- Messages

  function parse(text) {
    const words = [], identifiers = [];
    for (const token of cutTokens(text).slice(0, MOST_TOKENS)) {
      const { identifier } = token;
      if (identifier) identifiers.push({ identifier, first: words.length, count: token.words.length });
      words.push(...token.words);
    }
    return { words, identifiers, joined: words.join("") };
  }

  function post(type, data, id) {
    self.postMessage({ type, data, id });
  }

  async function answer(text, number, id) {
    const query = parse(text);
    if (!query.words.length) return post(RESULT, { items: [], suggest: [] }, id);
    // If another version of the index was published since, the first files are of different versions.
    for (let triesLeft = 2; triesLeft >= 0; triesLeft -= 1) {
      await loadMissing(query, number);
      if (number !== latest) return;
      if (newerVersion && triesLeft) [version, newerVersion, names] = [newerVersion, "", null];
    }
    if (!names) return;
    const items = renderItems(search(query), query);
    post(RESULT, { items, suggest: suggest(items, query, text) }, id);
  }

  self.addEventListener("message", ({ data: message }) => {
    if (message.type === SETUP) {
      ({ version = "", starts = [] } = message.data.docs[0] || {});
      post(READY, undefined, message.id);
    } else if (message.type === QUERY) {
      latest += 1;
      const number = latest;
      // After the messages that wait already: only the latest query needs an answer.
      const text = message.data.query ?? message.data;
      setTimeout(() => { if (number === latest) answer(text, number, message.id); });
    }
  });
})();
