// Package listing reads pages that list articles: the items of a page and the fields of each, as selectors name them.
//
// It finds the articles of a page without being told where they are ([Detect], [Find]; the files detect*.go, which begin with a
// survey of the page). It works out selectors for nodes that are known ([ItemSelector], [FieldSelector]), and mends those that a page has
// outlived. It asks nothing of the network and keeps nothing; what a source remembers, it is handed.
package listing
