/** Every page of the console: menu, keys, lists, forms, and news for the rail. Each module works without the others. */
import { watchKeys, watchRows } from "./keys.js";
import { watchForms } from "./forms.js";
import { watchMenu } from "./menu.js";
import { watchNews } from "./news.js";
import { watchPlace } from "./place.js";
import { watchTables } from "./tables.js";

// Drafts of chats wait in the tab for who wrote them, not for who sits down next.
document.addEventListener("submit", (event) => {
  if (event.target.getAttribute("action") === "/console/sign-out") sessionStorage.clear();
});
watchMenu();
watchPlace();
watchKeys();
watchRows();
watchForms();
watchTables();
if (document.body.classList.contains("inside")) watchNews();
