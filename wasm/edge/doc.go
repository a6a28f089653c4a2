//go:build !js

// Command edge serves the site.
//
// Natively it is the local static server behind `./build.sh serve`:
//
//	edge -dir build/site [-port 8080]
//
// It listens on the loopback interface alone, prints one line with its
// address once it is ready, and ends at Ctrl-C. What it promises:
//
//   - a file that has a brotli or gzip sibling (style.css.br, style.css.gz) is
//     sent compressed to a browser that accepts that, so a first visit here
//     downloads what it would from a real host;
//   - every answer carries an ETag and "no-cache": the browser asks each time
//     and downloads only what changed since the last build;
//   - a folder is its index.html or nothing: there are no listings;
//   - what does not exist gets a page that says so.
//
// Another host needs nothing of this program: the site is plain files.
package main
