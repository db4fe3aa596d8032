# By the id that GoGrid shows for the image.
terraform import gogrid_mygsi_image.web 20001
