// Command bench measures the figures that the project holds itself to, and
// prints them as one table:
//
//	./build.sh bench [NAME]
//
// Figures depend on the machine; read them beside the targets, which name
// theirs, and compare two states of the project on one quiet machine. Where
// it can be, a figure is a ratio of two things measured together.
package main
