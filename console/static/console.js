/** Every page of the console: menu, keys, lists, forms, and news for the rail. Each module works without the others. */
import { watchKeys, watchRows } from "./keys.js";
import { watchForms } from "./forms.js";
import { watchMenu } from "./menu.js";
import { watchNews } from "./news.js";
import { watchTables } from "./tables.js";

watchMenu();
watchKeys();
watchRows();
watchForms();
watchTables();
if (document.body.classList.contains("inside")) watchNews();
