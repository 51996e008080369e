
"use strict";
// Everything a trace holds reaches the page as a text node: nothing here makes markup out of text.
const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

function words(segments, left, right) {
  const text = make("p", "text");
  for (const [sign, words] of segments) {
    if (sign === 0) text.append(words);
    else if (sign < 0 ? left : right) text.append(make(sign < 0 ? "del" : "ins", "", words));
  }
  return text;
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
}
