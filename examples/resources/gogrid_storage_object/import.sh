# By the path on Cloud Storage.
terraform import gogrid_storage_object.current site/current.json
