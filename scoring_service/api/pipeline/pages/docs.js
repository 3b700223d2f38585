// The validator is somebody else's server; nothing of ours is sent there.
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  docExpansion: "none",
  validatorUrl: null,
  persistAuthorization: false,
});
