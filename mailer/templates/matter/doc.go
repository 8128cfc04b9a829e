// Package matter reads a template's front matter: the YAML between two lines of
// three dashes that its file begins with.
//
//	---
//	subject: "Your order {{.number}}"
//	preheader: On its way
//	layout: base
//	data:
//	  number: {type: integer, example: 1041}
//	  items:
//	    - {title: string, price: number}
//	  coupon?: string
//	---
//
// What stands under data declares the variables. The name of a type, one of
// those of JSON, is a declaration; so is an object of JSON Schema with a "type"
// in it, which may have an example and a default beside all else of JSON Schema.
// A list of one declaration is an array of such, and an object without a "type"
// is an object of these fields. A name with a question mark, and one that has a
// default, need not be there. What is not declared is refused.
package matter
