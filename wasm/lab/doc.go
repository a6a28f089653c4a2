// Package lab says what a lab is, and plays a run of one.
//
// A Lab is data: its parameters, what its nodes and messages look like, its
// presets, and one function, Build, that makes a World: a network
// (package sim) of protocol machines, with the probes through which it is
// watched: the state of a node, the fields of a payload, metrics, curves, checks.
//
// A Play is one run of a lab under way. It advances, seeks and forks, samples
// the curves, and keeps the standing of the checks. The headless runner and
// the engine in the tab both drive a Play and nothing else, so they cannot
// disagree.
//
// # Duties of a lab
//
//  1. Everything that changes while a run goes on lives in the roles, and the
//     roles are sim.Keepers: then seeking is quick and cannot go wrong.
//  2. World.Finished and the checks that hold always are asked after every
//     event: they compare counters, they do not walk the nodes.
//  3. Floats appear in probes (metrics, curves) only, never in what decides.
//  4. What a visitor may read is a Text, in every language: labels, what checks
//     found, notes, a node's memory, and the errors of Build.
package lab
