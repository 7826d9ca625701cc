/** The page at `/`: pick or type a query, run it, read the answer. No library, no build, nothing stored. */
export {};

/** A row of any list that names movies: what such lists have in common. */
interface Row {
  rank?: number;
  distance?: number;
  source?: string;
  movie: { title: string; genres?: string[] };
}
interface Operation {
  name: string;
  query: string;
  variables: Record<string, unknown>;
}

/** The element of that id. @throws TypeError when the page has none of that kind */
function element<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`The page has no ${kind.name} #${id}.`);
  return found;
}
const example = element('example', HTMLSelectElement);
const query = element('query', HTMLTextAreaElement);
const variables = element('variables', HTMLTextAreaElement);
const key = element('key', HTMLInputElement);
const run = element('run', HTMLButtonElement);
const status = element('status', HTMLElement);
const table = element('table', HTMLElement);
const answer = element('answer', HTMLTextAreaElement);

element('endpoint', HTMLElement).textContent = `${location.origin}/graphql`;

const operations: Operation[] = await fetch('/operations.json').then((response) => response.json());
for (const { name } of operations) example.append(new Option(name.replaceAll('-', ' '), name));

function show(name: string): void {
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

element('editor', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  void ask();
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void ask();
  }
});

async function ask(): Promise<void> {
  if (run.disabled) return;
  run.disabled = true;
  say('Asking…');
  try {
    const body = JSON.stringify({ query: query.value, variables: readVariables() });
    const headers: Record<string, string> = { 'content-type': 'application/json' };
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
    say(error instanceof TypeError ? 'The server cannot be reached.' : messageOf(error), true);
  } finally {
    run.disabled = false;
  }
}

function readVariables(): unknown {
  if (variables.value.trim() === '') return {};
  try {
    return JSON.parse(variables.value);
  } catch (error) {
    variables.focus();
    throw new Error(`The variables are no JSON: ${messageOf(error)}`);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function say(text: string, wrong = false): void {
  status.textContent = text;
  status.classList.toggle('wrong', wrong);
}

/** Any list of movies with a rank or a distance reads better as a table. */
function showTable(data: object | null | undefined): void {
  table.replaceChildren();
  for (const [name, rows] of Object.entries(data ?? {})) {
    if (!Array.isArray(rows) || rows.length === 0 || !rows.every((row) => row?.movie)) continue;
    table.append(tableOf(name, rows));
  }
}

interface Column {
  title: string;
  number?: true;
  value(row: Row): string | number | undefined;
}
const COLUMNS: Column[] = [
  { title: '#', number: true, value: (row) => row.rank },
  { title: 'Distance', number: true, value: (row) => row.distance?.toFixed(3) },
  { title: 'Movie', value: (row) => row.movie.title },
  { title: 'Genres', value: (row) => row.movie.genres?.join(', ') },
  { title: 'Source', value: (row) => row.source?.toLowerCase().replace('_', ' ') },
];

function tableOf(name: string, rows: Row[]): HTMLTableElement {
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

function fill(cell: HTMLTableCellElement, column: Column, text: string | number | undefined): void {
  cell.textContent = String(text ?? '');
  if (column.number) cell.className = 'number';
}
