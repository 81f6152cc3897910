// What a page looks like to whoever uses it, as lists of sentences about what is wrong; evaluated in the page.
({
  /** Elements that reach beyond the right edge: whoever zooms would have to scroll each line. */
  overflowing() {
    const wide = document.documentElement.clientWidth;
    const scrolls = document.documentElement.scrollWidth > wide;
    const beyond = [...document.querySelectorAll("*")].filter((e) => e.getBoundingClientRect().right > wide + 1);
    return scrolls || beyond.length ? beyond.map((e) => `${this.name(e)} ends right of ${wide}`) : [];
  },

  /** Everything that can be used by mouse, in its order; remembered for `focused`. */
  usable() {
    window.usable = [...document.querySelectorAll("a[href],button,input,select,textarea,summary,[onclick]")];
    return window.usable.length;
  },

  /** What is wrong with the element in focus, which should be the nth usable one. */
  focused(n) {
    const element = document.activeElement;
    const wanted = window.usable[n];
    if (element !== wanted) return [`Tab ${n + 1} reaches ${this.name(element)}, not ${this.name(wanted)}`];
    const style = getComputedStyle(element);
    const box = element.getClientRects()[0];
    const over = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const found = [];
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) found.push("has no visible focus");
    else if (this.contrast(style.outlineColor, this.behind(element)) < 3) found.push("has a focus too faint to see");
    if (!over) found.push("is outside of the window");
    else if (!element.contains(over)) found.push(`is covered by ${this.name(over)}`);
    return found.map((what) => `${this.name(element)} ${what}`);
  },

  /** Headings, links and definitions whose German is not first, or whose English is missing or unmarked. */
  onesided() {
    const found = [];
    if (document.documentElement.lang !== "de") found.push("the page is not marked as German");
    for (const element of document.querySelectorAll("h1,h2,h3,nav a,dl > div")) {
      const english = element.querySelector("[lang=en]");
      const german = element.firstChild && !element.firstChild.contains(english);
      if (!english || !english.textContent.trim() || !german) found.push(`${this.name(element)} is not in both languages`);
    }
    return found;
  },

  /** Texts of a picture that leave their box or meet each other, and what is too faint on its ground. */
  illegible() {
    const svg = document.documentElement;
    const found = [];
    const texts = [...svg.querySelectorAll("text")];
    const boxes = texts.map((text) => text.getBoundingClientRect());
    texts.forEach((text, n) => {
      const rect = text.parentNode !== svg && text.parentNode.querySelector("rect");
      const room = (rect || svg).getBoundingClientRect();
      const { x, y, width, height } = boxes[n];
      const inside = x >= room.x && y >= room.y && x + width <= room.x + room.width && y + height <= room.y + room.height;
      if (!inside) found.push(`“${text.textContent}” leaves its box`);
      const met = boxes.findIndex((o, m) => m > n && x < o.x + o.width && o.x < x + width && y < o.y + o.height - 4 && o.y < y + height - 4);
      if (met > 0) found.push(`“${text.textContent}” meets “${texts[met].textContent}”`);
      const ground = rect ? getComputedStyle(rect).fill : this.behind(svg);
      if (this.contrast(getComputedStyle(text).fill, ground) < 4.5) found.push(`“${text.textContent}” is too faint`);
    });
    for (const shape of svg.querySelectorAll("rect,path")) {
      const { fill, stroke } = getComputedStyle(shape);
      const seen = [fill, stroke].filter((colour) => colour !== "none");
      if (!seen.some((colour) => this.contrast(colour, this.behind(svg)) >= 3)) found.push(`a ${shape.tagName} is too faint`);
    }
    return found;
  },

  name(element) {
    return `<${element.tagName.toLowerCase()}> “${element.textContent.trim().slice(0, 40)}”`;
  },

  behind(element) {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (!/^rgba.* 0\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  },

  contrast(one, other) {
    const [dark, light] = [one, other].map((colour) => this.luminance(colour)).sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  },

  luminance(colour) {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255)
      .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  },
})
