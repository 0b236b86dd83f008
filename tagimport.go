package roster

import "time"

// TagImport is the job that puts the tags of a file on people.
type TagImport struct {
	ID             int64
	OrganizationID int64
	CreatedBy      int64
	Credential     CredentialKind // how they were signed in
	RequestID      string
	Operation      int64 // the record of what it did; 0 until it is completed
	Status         JobStatus
	TagsCreated    int
	Assigned       int      // tags that people did not have before
	Skipped        []string // e-mails that nobody in the organization has
	Everybody      []string // labels for everybody in the file
	CreatedAt      time.Time
	FinishedAt     time.Time // zero until it is completed or failed
}

// TagRow is one line of the file: whose tags, and which.
type TagRow struct {
	Email  string
	Labels []string
}

// JobStatus is how far a job has come.
type JobStatus string

// The states of a job. One that failed has changed nothing.
const (
	JobCreated    JobStatus = "created"
	JobInProgress JobStatus = "in_progress"
	JobCompleted  JobStatus = "completed"
	JobFailed     JobStatus = "failed"
)
