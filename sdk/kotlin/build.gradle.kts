plugins {
    kotlin("jvm") version "2.1.0"
    id("com.apollographql.apollo") version "4.2.0"
}

repositories {
    mavenCentral()
}

dependencies {
    implementation("com.apollographql.apollo:apollo-runtime:4.2.0")
}

apollo {
    service("natterjack") {
        packageName.set("natterjack.client")
        schemaFiles.from(file("../../schema.graphql"))
        srcDir(file("../documents"))
        mapScalarToKotlinString("DateTime")
    }
}
