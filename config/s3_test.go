package config

import (
	"testing"

	"feedmill/output/s3"
)

func TestS3(t *testing.T) {
	c := load(t, "testdata/good/s3.yaml")
	equal(t, "outputs", len(c.Outputs), 2)
	equal(t, "first", *c.Outputs[0].S3, s3.Config{
		Endpoint: "https://s3.eu-central-1.amazonaws.com", Bucket: "feeds", AccessKey: "hunter2-hunter2-hunter2", SecretKey: "hunter2",
	})
	equal(t, "name", c.Outputs[0].Name, "s3")
	equal(t, "second", *c.Outputs[1].S3, s3.Config{
		Endpoint: "http://10.0.0.7:9000", Region: "garage", Bucket: "feeds", Prefix: "/v1/", AccessKey: "hunter2-hunter2-hunter2", SecretKey: "hunter2",
	})
	equal(t, "private", c.Outputs[1].Private, true)
}
