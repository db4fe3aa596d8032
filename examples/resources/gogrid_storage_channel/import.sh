# By the name of the channel.
terraform import gogrid_storage_channel.web web
