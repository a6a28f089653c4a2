// Package disks holds tests of what lives on the simulator's disks: a
// partition's log, whose node crashes at any moment.
package disks
