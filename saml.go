package roster

// SAMLSettings is what an organization says of its SAML provider. They are
// kept and checked; nobody signs in with them.
type SAMLSettings struct {
	Domain      string // of its people's e-mails, several with commas
	Provider    string // what it is called
	MetadataURL string // never fetched
	MetadataXML string
	Attributes  SAMLAttributes
	ManualRoles *bool         // leaving the last group that gives a role deactivates nobody; nil: nobody said
	Mappings    []SCIMMapping // beside those of SCIM; where both give a role in a project, SCIM's counts
}

// SAMLAttributes is which attributes of an assertion mean what.
type SAMLAttributes struct{ Email, FirstName, LastName, Groups string }

// SAMLPatch changes settings; nil leaves a field as it is, and so does a kind
// of mapping that is not there.
type SAMLPatch struct {
	Domain, Provider, MetadataURL, MetadataXML *string
	Email, FirstName, LastName, Groups         *string
	ManualRoles                                *bool
	ManualRolesSaid                            bool // ManualRoles counts, nil too
	Mappings                                   map[SCIMTarget][]SCIMMapping
}

// MappingSource is which settings a mapping is of.
type MappingSource string

// The sources of mappings.
const (
	MappingSCIM MappingSource = "scim"
	MappingSAML MappingSource = "saml"
)
