// Tables are sorted by their heads: numbers (fractions too) as numbers, anything else as text; a second click turns the order.
for (const table of document.querySelectorAll("table")) {
  const body = table.tBodies[0];
  const rest = [...body.rows].filter((row) => row.className === "left");
  const first = [...body.rows].filter((row) => row.className !== "left");
  const value = (row, k) => {
    const text = row.cells[k].textContent.trim();
    const found = /^(-?\d+)(?:\/(\d+))?(?: \(.*\))?$/.exec(text);
    return found ? Number(found[1]) / Number(found[2] || 1) : text;
  };
  const compare = (a, b) =>
    typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1;
  if (first.length < 2) continue;
  for (const [k, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.title = "Sort by this column";
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const turned = head.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", turned ? "descending" : "ascending");
      const rows = [...first].sort((a, b) => compare(value(a, k), value(b, k)) * (turned ? -1 : 1));
      body.replaceChildren(...rows, ...rest);
    });
  }
}
