// Package templates turns a name, a locale and data into the content of a
// mail: subject, HTML and text.
//
// # Files
//
// A template is a few files beside one another in a directory:
//
//	templates/welcome.subject       Welcome, {{.name}}
//	templates/welcome.html          html/template: values are escaped for their place
//	templates/welcome.txt           text/template
//	templates/billing/receipt.html  the template "billing/receipt"
//	templates/welcome.de.html       "welcome" in German
//
// The subject is one line and has to be there, and so has one of HTML and
// text. Names are letters, digits, "-" and "_", with "/" between folders.
// Files with other endings, and names that begin with a dot, are left alone.
// A locale (BCP 47, such as "de" or "de-AT") brings its own file for each file
// of the default, since a mail is in one language; Render looks for "de-AT",
// then "de", then takes the default.
//
// All files are read, parsed and checked by Load, LoadDir or Builtin, and
// never again: a Set does not change, and is safe for concurrent use. Whatever
// is wrong with the files is said at once, by file and line. Neither a name nor
// a symbolic link reaches a file outside of the directory.
//
// # Strict
//
// A mail with a hole in it is worse than a mail that fails, so that rendering
// ends with an *Error, which names file, line and variable, where
//
//   - a variable is missing, or is null and would be printed (asking with "if",
//     "with" or "range" whether it is null is fine);
//   - a list or an object would be printed as a whole;
//   - a link or a style from the data is not safe where it stands, such as a
//     link to "javascript:", also from a template that is called there; or
//     it is empty in an attribute without quotes;
//   - printf's format does not fit its values, or eq, lt and the like are asked
//     to compare values of different kinds;
//   - the subject comes out empty or with a line break in it;
//   - an output is larger than MaxOutput, or ranges turn half a million times.
//
// A variable that may be absent is asked for with index, which gives null:
//
//	{{with index . "coupon"}}Your coupon: {{.}}{{end}}
//	Hello {{or (index . "name") "there"}}
//
// No error has a value of the data in it: errors are logged and kept.
//
// # Data
//
// Data is what JSON can hold. Whole numbers print as digits and others as they
// are written in JSON: 1234567, 0.1, 19.99, 1e+21. There is one kind of number,
// as in JSON: `gt .price 10`, `eq .count 2.0` and `printf "%.2f" .price` work
// whether the price is 20 or 19.99.
//
// # Functions
//
// Templates have the functions of text/template; printf and the comparisons are
// stricter about values and laxer about numbers, as said above. Beside them are
// dict, list, lang and dir, and those that write values as the mail's locale does:
// number, percent, money, plural, date, time and datetime. What is wrong with the
// constants of such a call is said when the files are read.
// A template may call others that its own file defines, but not itself.
//
// HTML comments do not reach the mail (html/template removes them), but for the
// conditional ones that Outlook reads.
package templates
