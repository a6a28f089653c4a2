// Which of the site's files plays a lab: there is one for each family of labs,
// page-FAMILY.wasm. The page has the list from where it is put together, in
// the html element's data-families; a lab's family is the first word of its name.

export const families = (document.documentElement.dataset.families ?? "").split(" ");

/**
 * The family that opens a link or a lab's name; for one that names none of
 * ours, the family whose name begins most like it.
 * @param {string} link without "#"
 * @returns {string}
 */
export function familyOf(link) {
  const [name] = /^[\w-]*/.exec(link) ?? [""];
  let best = families[0];
  let most = 0;
  for (const family of families) {
    if (family === name) return family;
    let shared = 0;
    while (shared < family.length && family[shared] === name[shared]) shared++;
    if (shared > most) [best, most] = [family, shared];
  }
  return best;
}
