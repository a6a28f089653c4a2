// Package line reads the command lines of the engine's commands that play a
// lab: the lab, its parameters, and flags. What all of them take (-seed,
// -script, -link, -list, -help) is here; each command adds flags of its own.
package line
