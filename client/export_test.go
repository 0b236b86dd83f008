package client

// Hurry makes c repeat requests at once.
func (c *Client) Hurry() { c.pause = 0 }
