// A line to copy needs this site's own address, which only the browser knows for certain.

for (const place of document.querySelectorAll("[data-origin]")) place.textContent = location.origin;
