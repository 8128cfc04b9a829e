// Package inline writes the rules of a mail's style blocks into the style
// attributes of the elements that they match, since many mail programs look at
// nothing else. It works on masked HTML: tokens such as q7zaction000012z stand
// for a template's actions, and come out as they went in.
//
// The source stays byte for byte as it is, but for style attributes, style
// blocks, and the width of images, which Outlook takes from the attribute
// alone. In a browser that reads style blocks, the mail looks as before.
//
// # What stays in the style block
//
//   - @media, @supports, @font-face, @import and all other at-rules;
//   - what depends on the reader: :hover, :visited and other pseudo-classes,
//     ::before and other pseudo-elements;
//   - what may depend on data, since actions repeat and drop elements:
//     :first-child and its like, and siblings by + and ~;
//   - selectors that end in *, which would make each element longer;
//   - what matches nothing, such as #outlook a: mail programs put elements
//     around a mail that it does not have;
//   - hacks: *zoom, _height, \9, progid.
//
// A block that has a token in it, that stands between two tokens and so may be
// under a condition, or whose tag has the attribute data-embed, stays as it
// is. A block that is left empty goes with its line.
//
// # Who wins
//
// A style attribute beats a style block. Where a declaration that stays has
// beaten one that is inlined now, it gets "!important". Whatever has beaten
// that one in turn is kept in the block as well, important too; a style that
// the author wrote into the element is repeated there as important. So the
// order of any two declarations that may meet in an element is the old one.
// Where no such order exists (an important declaration loses to a longer
// selector that had to become important), the properties of that family, such
// as margin and margin-top, are inlined nowhere in the document.
//
// "!important" itself is not written for inlined declarations: they come last.
//
// # Tokens
//
// In class="btn q7zaction000003z" the class btn is known, and there may be
// others. A word that touches a token is not known, and neither is what stands
// between two tokens of an attribute or of a tag: it may be under a condition.
// Rules that may match such an element stay in the block too. A style
// attribute under a condition is refused.
//
// # Limits
//
// Conditional comments are comments: what Outlook sees in them is not matched.
// An element that begins in one branch of an action and ends outside of it
// misleads the matching. A selector that asks for a style attribute, as
// [style*=margin], meets the written ones too if it stays. Sheets behind <link> and @import are not known.
// Documents larger than MaxSize and sheets with more than MaxSelectors are
// refused, and so is what would grow beyond all measure.
package inline
