// Package tidy is the house's style as a test: what the design says about
// rooms, words, sizes and determinism, checked on every file of the project.
//
// Files are read into a tree (tree.go); each rule (rules.go) looks at the tree
// and returns findings; a finding says where, what came, and what to do
// instead. Rules work on source text and syntax alone, so a tree need not
// compile, and the stories in testdata show each rule both content and not.
//
// To add a rule, add a row to the table in rules.go, and a story that it fails.
package tidy
