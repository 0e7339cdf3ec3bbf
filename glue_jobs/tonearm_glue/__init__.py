"""The shared package of the Glue jobs; shipped to Glue as a zip, and to the audit as a layer."""
