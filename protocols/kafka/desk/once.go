package desk

// Once leaves out of a list what has the key of something before it: who asks
// the same a thousand times gets one answer, lest a small request make a huge
// one.
func Once[T any, K comparable](list []T, key func(*T) K) []T {
	if len(list) < 2 {
		return list
	}
	seen := make(map[K]bool, len(list))
	var kept []T
	for i := range list {
		if k := key(&list[i]); !seen[k] {
			seen[k] = true
			kept = append(kept, list[i])
		}
	}
	return kept
}

// OnceEach is Once for values that are their own keys.
func OnceEach[K comparable](list []K) []K { return Once(list, func(v *K) K { return *v }) }
