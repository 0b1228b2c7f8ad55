from --platform=$BUILDPLATFORM scratch as Base.1-x_y
FROM	--platform="linux/amd64"   base.1-x_y
FrOm ${X:-scratch} aS z
FROM --platform= scratch
FROM "quoted" AS q
