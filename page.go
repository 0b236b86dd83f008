package roster

// Page asks for one page of a list. Number counts from 1.
type Page struct {
	Number int
	Size   int
	// Order names a column of the list, "-" in front for descending; empty is
	// the list's own order. Unknown names are ignored, as the wire does.
	Order string
}

// Offset is how many rows stand before the page.
func (p Page) Offset() int { return (p.Number - 1) * p.Size }

// Everything is the page that holds the whole list.
var Everything = Page{Number: 1, Size: 1 << 31}
