// The looks of both windows. Each font is many files, of which a window loads those whose letters it shows: customers'
// names are of every language, and a till may have no font for them.

import "@fontsource-variable/inter/wght.css";
import "@fontsource-variable/noto-sans-arabic/wght.css";
import "@fontsource-variable/noto-sans-jp/wght.css";
import "./tokens.css";
import "virtual:brands.css";
import "./base.css";
