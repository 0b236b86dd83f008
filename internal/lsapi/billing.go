package lsapi

import (
	"roster"
)

func billingRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/billing/info", do: does((*call).billingInfo),
			summary: "Read how many seats are taken",
			text: "For the Owner. There is no licence: seats and projects are counted and nothing is limited, so " +
				"that every limit is the largest number there is. The flags say what Roster has.",
			answer: "What there is.",
		},
	}
}

// countLimitJSON is the wire's CountLimit. The wire has no word for "no limit": it
// is the largest integer that the original's database holds.
type countLimitJSON struct {
	Count   int  `json:"count"`
	Limit   int  `json:"limit"`
	AtLimit bool `json:"reached"`
	Total   *int `json:"total,omitempty"`
}

func unlimited(count int) countLimitJSON { return countLimitJSON{Count: count, Limit: maxInteger} }

// billingChecksJSON is the wire's BillingChecks. There is no licence that could
// expire, and no prompts.
type billingChecksJSON struct {
	ExportStorages countLimitJSON `json:"export_storages"`
	ImportStorages countLimitJSON `json:"import_storages"`
	LicenseExpired bool           `json:"is_license_expired"`
	LicenseWarned  bool           `json:"is_license_warning"`
	PromptsExpired bool           `json:"is_prompts_expire"`
	PromptsWarned  bool           `json:"is_prompts_warning"`
	LicenseExpires *string        `json:"license_expires"`
	LicenseIssued  *string        `json:"license_issued"`
	LicenseWarning *string        `json:"license_warning"`
	Active         bool           `json:"organization_is_active"`
	Projects       countLimitJSON `json:"projects"`
	PromptsKeys    bool           `json:"prompts_api_keys_enabled"`
	Prompts        bool           `json:"prompts_enabled"`
	PromptsExpire  *string        `json:"prompts_expire"`
	PromptsStatus  string         `json:"prompts_status"`
	PromptsWarning *string        `json:"prompts_warning"`
	Results        countLimitJSON `json:"results"`
	TrialDays      int            `json:"trial_days"`
	Users          countLimitJSON `json:"users"`
}

// billingFlagsJSON is the wire's BillingFlags: what there is in Roster, and false
// for the rest.
type billingFlagsJSON struct {
	ActivatedAt          *string `json:"activated_at"`
	ActivityLog          bool    `json:"allow_activity_log"`
	AI                   bool    `json:"allow_ai"`
	AskAI                bool    `json:"allow_ask_ai"`
	DataCredentials      bool    `json:"allow_data_credentials"`
	InvitePeople         bool    `json:"allow_invite_people"`
	InviteExperts        bool    `json:"allow_invite_project_experts"`
	NDA                  bool    `json:"allow_nda"`
	OrganizationWebhooks bool    `json:"allow_organization_webhooks"`
	Reviewing            bool    `json:"allow_reviewing"`
	SSO                  bool    `json:"allow_sso"`
	StorageProxy         bool    `json:"allow_storage_proxy"`
	AskAIScreenshots     bool    `json:"ask_ai_screenshots"` // of newer SDKs
	Automax              bool    `json:"automax_enabled"`
	AutomaxToken         bool    `json:"automax_token_exists"`
	Cloud                bool    `json:"cloud_instance"`
	NoMembersPage        bool    `json:"disable_members_page"`
	NoImports            bool    `json:"disable_project_imports"`
	EarlyAdopter         bool    `json:"early_adopter"`
	Mail                 bool    `json:"email_configured"`
	Embedding            bool    `json:"embed_enabled"`
	ManualRoles          bool    `json:"manual_role_management"`
	ManualWorkspaces     bool    `json:"manual_workspace_management"`
	Secure               bool    `json:"secure_mode"`
	Persistence          bool    `json:"storage_persistence"`
	WhiteLabel           *string `json:"white_label_id"`
}

// billingInfoJSON is the wire's BillingInfoResponse.
type billingInfoJSON struct {
	Checks billingChecksJSON `json:"billing_checks"`
	Flags  billingFlagsJSON  `json:"billing_flags"`
}

func billingOf(b roster.Billing) billingInfoJSON {
	users := unlimited(b.Seats)
	users.Total = &b.People
	return billingInfoJSON{
		billingChecksJSON{
			ExportStorages: unlimited(0), ImportStorages: unlimited(0), Results: unlimited(0),
			Active: true, Projects: unlimited(b.Projects), PromptsStatus: "unknown", Users: users,
		},
		billingFlagsJSON{
			ActivityLog: true, InvitePeople: b.Invites, InviteExperts: b.Invites, SSO: b.SignOn, Mail: b.Mail,
			ManualRoles: true, ManualWorkspaces: true,
		},
	}
}

// billingInfo is GET /api/billing/info, as far as seats go (contract 3.9).
func (c *call) billingInfo(nothing) (billingInfoJSON, error) {
	b, err := c.app.Billing(c.r.Context())
	return billingOf(b), err
}
