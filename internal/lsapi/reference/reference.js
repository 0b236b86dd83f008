// Filters as one types, by what the server would search too. Without it, Enter does.
const input = document.querySelector('.search input');
const count = document.querySelector('.count');
const before = count.innerHTML;
const whole = new URLSearchParams(location.search).get('q') === null;

function filter() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const operation of document.querySelectorAll('.operation')) {
    operation.hidden = !words.every((word) => operation.dataset.text.includes(word));
    if (!operation.hidden) found++;
  }
  for (const family of document.querySelectorAll('.family')) {
    const operations = [...family.querySelectorAll('.operation')];
    family.hidden = operations.length > 0 && operations.every((operation) => operation.hidden);
  }
  if (words.length === 0) count.innerHTML = before;
  else count.textContent = found + ' of ' + count.dataset.all + ' operations';
}

// What the server left out cannot be shown here: then Enter searches anew.
if (whole) input.addEventListener('input', filter);
document.addEventListener('keydown', (event) => {
  if (event.key === '/' && !/^(INPUT|TEXTAREA)$/.test(document.activeElement.tagName)) {
    event.preventDefault();
    input.focus();
  }
});

// On a narrow screen the contents would push everything else off it.
if (matchMedia('(max-width: 56rem)').matches) document.querySelector('.side details').open = false;
