/** The page at `/`: pick or type a query, run it, read the answer. No library, no build, nothing stored. */
const element = (id) => document.getElementById(id);
const [example, query, variables, key, run, status, table, answer] = [
  'example',
  'query',
  'variables',
  'key',
  'run',
  'status',
  'table',
  'answer',
].map(element);

element('endpoint').textContent = `${location.origin}/graphql`;

const operations = await fetch('/operations.json').then((response) => response.json());
for (const { name } of operations) example.append(new Option(name.replaceAll('-', ' '), name));

function show(name) {
  const operation = operations.find((candidate) => candidate.name === name) ?? operations[0];
  if (!operation) return;
  example.value = operation.name;
  query.value = operation.query.trim();
  variables.value =
    Object.keys(operation.variables).length > 0 ? JSON.stringify(operation.variables, null, 2) : '';
}

example.addEventListener('change', () => show(example.value));
show('recommendations');
void ask(); // a visitor sees films before reading a word of GraphQL

element('editor').addEventListener('submit', (event) => {
  event.preventDefault();
  void ask();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void ask();
  }
});

async function ask() {
  if (run.disabled) return;
  run.disabled = true;
  say('Asking…');
  try {
    const body = JSON.stringify({ query: query.value, variables: readVariables() });
    const headers = { 'content-type': 'application/json' };
    if (key.value !== '') headers.authorization = `Bearer ${key.value}`;
    const start = performance.now();
    const response = await fetch('/graphql', { method: 'POST', headers, body });
    const result = await response.json();
    const milliseconds = Math.round(performance.now() - start);
    answer.value = JSON.stringify(result, null, 2);
    showTable(result.data);
    const failures = result.errors?.length ?? 0;
    if (failures > 0)
      say(`${failures === 1 ? 'An error' : `${failures} errors`}: ${result.errors[0].message}`, true);
    else say(`Answered in ${milliseconds} ms.`);
  } catch (error) {
    say(error instanceof TypeError ? 'The server cannot be reached.' : error.message, true);
  } finally {
    run.disabled = false;
  }
}

function readVariables() {
  if (variables.value.trim() === '') return {};
  try {
    return JSON.parse(variables.value);
  } catch (error) {
    variables.focus();
    throw new Error(`The variables are no JSON: ${error.message}`);
  }
}

function say(text, wrong = false) {
  status.textContent = text;
  status.classList.toggle('wrong', wrong);
}

/** Any list of movies with a rank or a distance reads better as a table. */
function showTable(data) {
  table.replaceChildren();
  for (const [name, rows] of Object.entries(data ?? {})) {
    if (!Array.isArray(rows) || rows.length === 0 || !rows.every((row) => row?.movie)) continue;
    table.append(tableOf(name, rows));
  }
}

const COLUMNS = [
  { title: '#', number: true, value: (row) => row.rank },
  { title: 'Distance', number: true, value: (row) => row.distance?.toFixed(3) },
  { title: 'Movie', value: (row) => row.movie.title },
  { title: 'Genres', value: (row) => row.movie.genres?.join(', ') },
  { title: 'Source', value: (row) => row.source?.toLowerCase().replace('_', ' ') },
];

function tableOf(name, rows) {
  const columns = COLUMNS.filter(({ value }) => rows.some((row) => value(row) !== undefined));
  const made = document.createElement('table');
  made.createCaption().textContent = name;
  const head = made.createTHead().insertRow();
  for (const column of columns) {
    const cell = document.createElement('th');
    cell.scope = 'col';
    fill(cell, column, column.title);
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    for (const column of columns) fill(line.insertCell(), column, column.value(row));
  }
  return made;
}

function fill(cell, column, text) {
  cell.textContent = text ?? '';
  if (column.number) cell.className = 'number';
}
