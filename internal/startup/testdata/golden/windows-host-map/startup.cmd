@echo off
setlocal DisableDelayedExpansion
rem Loads the release of a channel from Cloud Storage. It runs at every boot and may be run at any time.
rem It was rendered: change the configuration instead.
set "GOGRID_MODE=host_map"
set "GOGRID_ADAPTER=100%% (Ethernet) & 2"
set "GOGRID_PROVISIONAL=10.110.0.250"
set "GOGRID_PROVISIONAL_MASK=255.255.255.0"
set "GOGRID_HOST=10.110.0.3"
set "GOGRID_SHARE=100%% $hare"
set "GOGRID_USERNAME=a%%b^c&d!e|f<g>h(i)j'k $l"
set "GOGRID_PASSWORD_FILE=C:\it's\100%% secret"
set "GOGRID_CHANNEL=web.blue"
set "GOGRID_CERTIFICATE_1=certs/site.pfx"
set "GOGRID_CERTIFICATE_PASSWORD_FILE_1=C:\gogrid\site.password"
set "GOGRID_CERTIFICATE_STORE_1=My"
set "GOGRID_CERTIFICATE_2=certs/other.p12"
set "GOGRID_CERTIFICATE_PASSWORD_FILE_2="
set "GOGRID_CERTIFICATE_STORE_2=WebHosting"
(fixed part)

:secrets
icacls "%GOGRID_PASSWORD_FILE%" /inheritance:r /grant:r "*S-1-5-18:F" "*S-1-5-32-544:F" >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 set "GOGRID_PROBLEM=access to a file of a password could not be limited, or the file is missing"
icacls "%GOGRID_CERTIFICATE_PASSWORD_FILE_1%" /inheritance:r /grant:r "*S-1-5-18:F" "*S-1-5-32-544:F" >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 set "GOGRID_PROBLEM=access to a file of a password could not be limited, or the file is missing"
reg add "HKLM\Software\Microsoft\Windows\CurrentVersion\Run" /v gogrid-drive /t REG_SZ /d "C:\gogrid\drive.cmd" /f >>"%GOGRID_LOG%" 2>&1
if errorlevel 1 set "GOGRID_PROBLEM=the drive letter could not be entered for those who log on"
exit /b 0

:routes
exit /b 0
