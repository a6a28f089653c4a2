// Command shots takes pictures of the labs, each at the moment that tells most:
//
//	./build.sh shots DIR [LAB]
//	./build.sh shots docs/screenshot.png
//
// Each lab is seen on a desktop and on a phone, light and dark, in English and
// in Chinese: DIR/gossip-rumor-phone-dark-zh.png.
// A file's name in place of the folder asks for the README's picture alone.
package main
