@echo off
setlocal DisableDelayedExpansion
rem Loads the release of a channel from Cloud Storage. It runs at every boot and may be run at any time.
rem It was rendered: change the configuration instead.
set "GOGRID_MODE=dhcp"
set "GOGRID_ADAPTER=Local Area Connection 2"
set "GOGRID_PROVISIONAL="
set "GOGRID_PROVISIONAL_MASK="
set "GOGRID_HOST=22290.cloud.storage.gogrid.com"
set "GOGRID_SHARE=22290"
set "GOGRID_USERNAME=22290"
set "GOGRID_PASSWORD_FILE=C:\gogrid\storage.password"
set "GOGRID_CHANNEL=web"
(fixed part)

:secrets
icacls "%GOGRID_PASSWORD_FILE%" /inheritance:r /grant:r "*S-1-5-18:F" "*S-1-5-32-544:F" >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 set "GOGRID_PROBLEM=access to a file of a password could not be limited, or the file is missing"
exit /b 0

:routes
route delete 10.0.0.0 mask 255.0.0.0 >>"%GOGRID_LOG%" 2>&1
route -p add 10.0.0.0 mask 255.0.0.0 10.110.0.1 >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 set "GOGRID_PROBLEM=the route to 10.0.0.0/8 could not be set"
exit /b 0
