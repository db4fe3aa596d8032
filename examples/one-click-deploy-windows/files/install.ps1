# Runs in the sandbox. IIS serves the folder that releases are installed to.
$ErrorActionPreference = 'Stop'

Import-Module ServerManager
Add-WindowsFeature Web-Server | Out-Null

New-Item -ItemType Directory -Force -Path C:\inetpub\shop | Out-Null
Import-Module WebAdministration
Set-ItemProperty 'IIS:\Sites\Default Web Site' -Name physicalPath -Value C:\inetpub\shop
