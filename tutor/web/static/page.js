// What happens around the terminal: keys go to it at once, and after the end of a session there is a button.
addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("button")) {
    button.addEventListener("click", () => location.reload());
  }
  const seen = new MutationObserver(() => {
    if (document.body.classList.contains("-closed")) {
      document.querySelector(".ended button").focus();
    } else if (document.body.classList.contains("-first-byte")) {
      document.querySelector(".xterm-helper-textarea")?.focus();
    }
  });
  seen.observe(document.body, { attributes: true, attributeFilter: ["class"] });
});
